// input[type=range]: its value stands beside it while it moves.
document.querySelectorAll("input[type=range]").forEach((slider) => {
  const shown = document.querySelector(`output[for="${slider.id}"]`);
  const show = () => { shown.textContent = slider.value + (slider.dataset.suffix ?? ""); };
  slider.addEventListener("input", show);
  show();
});
