# How everything is compiled: checks of the compiler, warnings, sanitizers, the faster linker and the compiler cache.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles C++ coroutines (double frees, hangs). "
    "Use clang-19 (`./run --build` installs and uses it) or GCC 13 or newer.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header carries times and macros that ccache would otherwise refuse to look past.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Xclang -fno-pch-timestamp)
  find_program(MOLD mold)
  if(MOLD)
    add_link_options(-fuse-ld=mold)
  else()
    add_link_options(-fuse-ld=lld-19)
  endif()
endif()

add_compile_options(-fno-omit-frame-pointer)
if(BALCAO_SANITIZE)
  add_compile_options(-fsanitize=${BALCAO_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BALCAO_SANITIZE})
  add_compile_definitions(BALCAO_SANITIZED)
else()
  add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  add_compile_options(-fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(BALCAO_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What our own code must be free of; libraries are compiled as system headers.
add_library(balcao_warnings INTERFACE)
target_compile_options(balcao_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                                                 -Wimplicit-fallthrough -Werror)
