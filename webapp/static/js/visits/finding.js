// The page of a visit.
import { missing, refresh, showGaps } from "./checklist.js";
import { Report } from "./report.js";

new Report(document.getElementById("finding"), { gaps: missing, showGaps, shown: refresh });
