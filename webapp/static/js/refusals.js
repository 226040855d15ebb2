// What the page of a refusal says, or nothing if it is another page.
export const reasonIn = (page) => new DOMParser().parseFromString(page, "text/html")
  .querySelector(".hy-errpage h1 + p")?.textContent;
