// Stands inside the function that Emscripten generates, whose `new Worker(…)` finds this first: the module starts no workers,
// whoever starts it hands it those that it may use.
function Worker() {
  return Module['helpers'].pop();
}
