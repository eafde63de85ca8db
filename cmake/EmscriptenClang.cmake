# Compiles objects with clang directly, with the flags that emcc itself would pass: emcc's Python start-up (0.25 s a
# file) would be most of the build. Linking still goes through emcc.
execute_process(COMMAND "${CMAKE_C_COMPILER}" --cflags OUTPUT_VARIABLE emcc_flags OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
get_filename_component(emscripten_folder "${CMAKE_C_COMPILER}" DIRECTORY)
execute_process(COMMAND "${emscripten_folder}/em-config" LLVM_ROOT OUTPUT_VARIABLE emscripten_llvm
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(CMAKE_C_COMPILE_OBJECT "\"${emscripten_llvm}/clang\" ${emcc_flags} <DEFINES> <INCLUDES> <FLAGS> -o <OBJECT> -c <SOURCE>")
