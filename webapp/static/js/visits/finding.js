// The page of a visit.
import { missing, refresh, showGap } from "./checklist.js";
import { Report } from "./report.js";

new Report(document.getElementById("finding"), { gaps: missing, showGap, shown: refresh });
