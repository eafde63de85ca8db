// The module starts no workers of its own: whoever starts it hands it those that it may use. (This stands inside the
// function that Emscripten generates, where its `new Worker(…)` finds it first.)
var Worker = function () {
  return Module['helpers'].pop();
};
