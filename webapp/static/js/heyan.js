// What every page does. Each part finds its elements by data attributes and stands in its own file.
import "./csrf.js";
import "./dialog.js";
import "./errors.js";
import "./keys.js";
import "./print.js";
import "./relogin.js";
import "./reveal.js";
import "./scroll.js";
import "./stays.js"; // before submit.js, which guards what the browser sends
import "./submit.js";
import "./toast.js";
