/* profile.h says what this is for. */
#include "profile.h"

#include <stdio.h>
#include <string.h>

#ifdef __EMSCRIPTEN__
#include <emscripten/emscripten.h>
#define EXPORT EMSCRIPTEN_KEEPALIVE
#else
#define EXPORT
#endif

enum { MOST_OPERATORS = 1024 };

static xnn_runtime_t newest;

/* In place of XNNPACK's own, which has this name of the linker's now. */
enum xnn_status __real_xnn_create_runtime_v4(xnn_subgraph_t subgraph, xnn_weights_cache_t weights,
                                             xnn_workspace_t workspace, pthreadpool_t pool, uint32_t flags,
                                             xnn_runtime_t *runtime);
enum xnn_status __wrap_xnn_create_runtime_v4(xnn_subgraph_t subgraph, xnn_weights_cache_t weights,
                                             xnn_workspace_t workspace, pthreadpool_t pool, uint32_t flags,
                                             xnn_runtime_t *runtime);
enum xnn_status __wrap_xnn_create_runtime_v4(xnn_subgraph_t subgraph, xnn_weights_cache_t weights,
                                             xnn_workspace_t workspace, pthreadpool_t pool, uint32_t flags,
                                             xnn_runtime_t *runtime) {
  const enum xnn_status status =
      __real_xnn_create_runtime_v4(subgraph, weights, workspace, pool, flags | XNN_FLAG_BASIC_PROFILING, runtime);
  if (!status) newest = *runtime;
  return status;
}

EXPORT xnn_runtime_t profile_newest(void) {
  return newest;
}

EXPORT const char *profile_lines(xnn_runtime_t runtime) {
  static char names[1 << 16], lines[1 << 16];
  static uint64_t microseconds[MOST_OPERATORS];
  size_t count = 0, needed;
  lines[0] = 0;
  if (xnn_get_runtime_profiling_info(runtime, xnn_profile_info_num_operators, sizeof count, &count, &needed) ||
      xnn_get_runtime_profiling_info(runtime, xnn_profile_info_operator_name, sizeof names, names, &needed) ||
      xnn_get_runtime_profiling_info(runtime, xnn_profile_info_operator_timing, sizeof microseconds, microseconds,
                                     &needed))
    return lines;
  const char *name = names;
  size_t at = 0;
  for (size_t i = 0; i < count && at < sizeof lines; i++, name += strlen(name) + 1)
    at += (size_t)snprintf(lines + at, sizeof lines - at, "%llu\t%s\n", (unsigned long long)microseconds[i], name);
  if (at >= sizeof lines) lines[0] = 0;
  return lines;
}
