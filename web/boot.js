// A classic script, because modules do not load from a file: says what to do where the page was opened as one. What it
// fills is in index.html, and shows itself by style.css alone where no script runs at all.
'use strict';

if (location.protocol === 'file:') document.documentElement.dataset.engine = 'file';
