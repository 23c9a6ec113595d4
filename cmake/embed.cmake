# Puts text files into the binary.
#
#   balcao_embed(TARGET NAMESPACE files...)
#
# defines `std::string_view balcao::NAMESPACE::embedded(std::string_view name)`, which gives the file whose last path
# component is `name`, or nothing. The code that uses it declares it.

set(BALCAO_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_generate.cmake)

function(balcao_embed target namespace)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${target}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${namespace} "-DFILES=${ARGN}" -P ${BALCAO_EMBED_SCRIPT}
    DEPENDS ${ARGN} ${BALCAO_EMBED_SCRIPT}
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# balcao_embed_migrations(SERVICE): the files of src/SERVICE/migrations, and the pages of src/SERVICE/pages, as
# balcao::SERVICE::embedded.
function(balcao_embed_migrations service)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${service}/migrations/*.sql
       ${CMAKE_CURRENT_SOURCE_DIR}/${service}/pages/*)
  balcao_embed(balcao_${service} ${service} ${files})
endfunction()
