/* One call per sum. */
#include "sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

void sha256_of_parts(const dpl_bytes *parts, size_t count, uint8_t sum[SHA256_BYTES]) {
  EVP_MD_CTX *state = EVP_MD_CTX_new();
  bool fine = state && EVP_DigestInit_ex(state, EVP_sha256(), NULL) == 1;
  for (size_t i = 0; i < count && fine; ++i) fine = EVP_DigestUpdate(state, parts[i].data, parts[i].size) == 1;
  if (!fine || EVP_DigestFinal_ex(state, sum, NULL) != 1) end_without_memory(); /* nothing else can fail */
  EVP_MD_CTX_free(state);
}

void sha256_of(dpl_bytes bytes, char text[SHA256_TEXT]) {
  uint8_t sum[SHA256_BYTES];
  sha256_of_parts(&bytes, 1, sum);
  for (size_t i = 0; i < SHA256_BYTES; ++i) snprintf(text + 2 * i, 3, "%02x", sum[i]);
}
