// A classic script, which runs before the modules and where they cannot: says what to do where the page was opened from
// a file (the message is in index.html, and shows itself by style.css alone where no script runs at all), and keeps a
// photo that is dropped too early from taking the page's place.
'use strict';

if (location.protocol === 'file:') document.documentElement.dataset.engine = 'file';
for (const event of ['dragover', 'drop']) document.addEventListener(event, (dropped) => dropped.preventDefault());
