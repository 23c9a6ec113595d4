#include "app/command_line.hpp"

int main(int argc, char** argv) { return balcao::app::run(argc, argv); }
