/* Runs a fuzz target on files instead of under libFuzzer: for compilers without it, and for looking at one input. */
#include "seeds.h"

int main(int count, char **arguments) {
  LLVMFuzzerInitialize(&count, &arguments);
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(arguments[i], "rb");
    if (!file) continue;
    buffer input = {0};
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) append(&input, block, got);
    fclose(file);
    const dpl_bytes exact = exact_copy(bytes_of(input));
    LLVMFuzzerTestOneInput(exact.data, exact.size);
    free((void *)(uintptr_t)exact.data), free(input.data);
    printf("%s\n", arguments[i]);
  }
  return 0;
}
