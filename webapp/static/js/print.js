// [data-print]: a button that prints the page; the print style leaves out all that is not the paper.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
