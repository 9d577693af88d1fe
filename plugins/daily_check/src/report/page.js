"use strict";
(() => {
  const articles = [...document.querySelectorAll("article")];
  const byId = (id) => document.getElementById(id);
  const severities = [...document.querySelectorAll("button[data-severity]")];
  const [section, search, shown] = [byId("section"), byId("search"), byId("shown")];

  const apply = () => {
    const query = search.value.trim().toLowerCase();
    const wanted = new Set(
      severities.filter((one) => one.ariaPressed === "true").map((one) => one.dataset.severity));
    const says = (element) => element.textContent.toLowerCase().includes(query);
    let count = 0;
    for (const article of articles) {
      const { severity, section: own } = article.dataset;
      const isShown = wanted.has(severity) && (!section.value || section.value === own) && says(article);
      article.hidden = !isShown;
      count += isShown ? 1 : 0;
      // What was searched for may stand in a folded part.
      for (const details of article.querySelectorAll("details")) {
        details.open = query !== "" && says(details);
      }
    }
    shown.textContent = `${count} of ${articles.length} shown`;
  };

  for (const button of severities) {
    button.addEventListener("click", () => {
      button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
      apply();
    });
  }
  // Where nothing was found there is nothing to filter.
  if (section && search) {
    section.addEventListener("change", apply);
    search.addEventListener("input", apply);
    apply();
  }

  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  byId("theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  // Paper cannot be unfolded; the lists at the end are for looking things up.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("article details:not([open])")];
    unfolded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => unfolded.forEach((details) => { details.open = false; }));

  document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
})();
