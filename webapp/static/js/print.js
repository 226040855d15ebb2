// [data-print]: a button that prints the page; the print style leaves out all that is not the paper.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// The foot of a printed sheet says what it was printed from (data-print-line) and when.
const printLine = () => {
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });
  const line = `${document.body.dataset.printLine || document.title} · ${time.format(new Date())}`;
  document.documentElement.style.setProperty("--hy-print-line", JSON.stringify(line));
};
printLine();
window.addEventListener("beforeprint", printLine);
