// What stands between two phrases in the language of the page.
export const between = document.documentElement.lang === "en" ? "; " : "；";
