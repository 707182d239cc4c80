// A form that sends files: they may be dropped on it, and it says how far they are. Without scripts it is a plain form.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress.sending");
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    const sending = new XMLHttpRequest();
    const buttons = form.querySelectorAll("button");
    sending.open("POST", form.action);
    sending.setRequestHeader("X-Upload", "1");
    sending.upload.addEventListener("progress", (progress) => {
      bar.hidden = false;
      if (progress.loaded < progress.total) bar.value = progress.loaded / progress.total;
      else bar.removeAttribute("value"); // it is there, and being read
    });
    sending.addEventListener("load", () => {
      const next = sending.getResponseHeader("X-Next");
      if (next) window.location.assign(next);
      else answered(sending.responseText);
    });
    sending.addEventListener("error", () => {
      bar.hidden = true;
      for (const button of buttons) button.disabled = false;
      form.querySelector(".not-sent").hidden = false;
    });
    const data = new FormData(form);
    for (const button of buttons) button.disabled = true;
    form.querySelector(".not-sent").hidden = true;
    sending.send(data);
  });
}

// What is wrong stands in the page that came back: it takes the place of this one, and is read out.
function answered(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = document.querySelector("main");
  const own = document.querySelector("form[data-upload]");
  const said = [...page.querySelectorAll("main .problems, main .messages")];
  if (!said.length) return window.location.reload();
  for (const old of main.querySelectorAll(".problems, .messages")) old.remove();
  for (const found of said) own.before(document.adoptNode(found));
  own.querySelector("progress.sending").hidden = true;
  for (const button of own.querySelectorAll("button")) button.disabled = false;
  own.querySelector("input[type=file]").value = "";
  main.scrollIntoView();
}
