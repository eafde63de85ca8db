# How doppel's own code is compiled: warnings are errors, and the sanitizers where asked for. Other people's code
# (XNNPACK, cJSON, stb_image) is linked without these.
add_library(doppel_warnings INTERFACE)
target_compile_options(doppel_warnings INTERFACE -Wall -Wextra -Wconversion -Wsign-conversion -Wstrict-prototypes -Wshadow
                                                 -Werror)

# -O3 vectorises our own loops in gcc 12, which -O2 does not; XNNPACK brings its own flags.
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")

if(DOPPEL_SANITIZE)
  # Fixed settings for all files of this build, so that memory from cJSON and stb_image is watched as well.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=address,undefined)
  if(CMAKE_C_COMPILER_ID MATCHES "Clang")
    add_compile_options(-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer-ignore.txt)
  endif()
endif()

# The same sums everywhere: native and WebAssembly vectors must agree, and a fused multiply-add rounds differently.
add_compile_options(-ffp-contract=off)
