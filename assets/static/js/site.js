/*
 * Niceties on top of pages that work without script: one submission per form, the countdown of a
 * held seat, fields that depend on a choice, copying, sharing, printing, menus that close.
 * All words come from the page's data attributes, so nothing here needs translating.
 */
(function () {
  "use strict";

  var each = function (selector, visit) {
    document.querySelectorAll(selector).forEach(visit);
  };

  /* <form data-busy="ID">: that element shows while the form is on its way. */
  document.addEventListener("submit", function (event) {
    var busy = document.getElementById(event.target.dataset.busy);
    if (busy) busy.hidden = false;
  });

  /* A second submission of the same form is swallowed; coming back with the back button frees it. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (event.submitter && "download" in event.submitter.dataset) return; /* the page stays */
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) {
      delete form.dataset.sent;
    });
    each("button[aria-disabled]", function (button) {
      button.removeAttribute("aria-disabled");
    });
  });

  /* <div data-show-for="role=2,3">: shown, and sent, only while that radio has one of the values. */
  each("[data-show-for]", function (part) {
    var rule = part.dataset.showFor.split("=");
    var values = rule[1].split(",");
    var form = part.closest("form");
    var update = function () {
      var chosen = form.querySelector('[name="' + rule[0] + '"]:checked');
      var shown = chosen !== null && values.indexOf(chosen.value) >= 0;
      part.hidden = !shown;
      part.querySelectorAll("input, select, textarea").forEach(function (field) {
        field.disabled = !shown;
      });
    };
    form.addEventListener("change", update);
    update();
  });

  /* <p data-theme-from="color" hidden>: the page takes on the colour of that field at once. */
  each("[data-theme-from]", function (hint) {
    var field = document.getElementById(hint.dataset.themeFrom);
    hint.hidden = false;
    field.addEventListener("change", function () {
      if (!/^#[0-9a-f]{6}$/i.test(field.value)) return;
      var link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = "/theme." + field.value.slice(1) + ".css";
      document.head.appendChild(link);
    });
  });

  /* <span data-hold-seconds="1794" data-hold-text="(quedan %s)">: the server says how much is left,
     so the visitor's clock does not matter. Spoken at 5 minutes, at 1 and at the end only. */
  var holds = document.querySelectorAll("[data-hold-seconds]");
  var status = document.querySelector("[data-hold-status]");
  if (holds.length && status) {
    var start = Date.now();
    var passed = 0;
    var tick = function () {
      var elapsed = Math.floor((Date.now() - start) / 1000);
      holds.forEach(function (hold) {
        var total = Number(hold.dataset.holdSeconds);
        var left = Math.max(0, total - elapsed);
        var clock = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
        hold.textContent = left > 0 ? hold.dataset.holdText.replace("%s", clock) : status.dataset["hold-0"];
        [5, 1, 0].forEach(function (minutes) {
          var before = total - passed;
          if (before > minutes * 60 && left <= minutes * 60) {
            status.textContent = status.dataset["hold-" + minutes];
          }
        });
      });
      passed = elapsed;
    };
    tick();
    setInterval(tick, 1000);
  }

  /* <button data-copy="TAL-7K3Q" data-copied="Copiado" hidden>: appears where copying is possible. */
  each("[data-copy]", function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () {
        button.textContent = button.dataset.copied;
        each("[data-copy-status]", function (place) {
          place.textContent = button.dataset.copied;
        });
      });
    });
  });

  each("[data-share]", function (button) {
    if (!navigator.share) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.share({ title: document.title, url: location.href }).catch(function () {});
    });
  });

  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  });

  /* <div data-drop>: a file dropped on it is as good as chosen; a chosen picture is shown at once. */
  each("[data-drop]", function (zone) {
    var input = zone.querySelector("input[type=file]");
    var preview = zone.querySelector("[data-drop-preview]");
    var over = function (event) {
      event.preventDefault();
      zone.classList.toggle("is-over", event.type === "dragover");
    };
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", over);
    zone.addEventListener("drop", function (event) {
      over(event);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
    input.addEventListener("change", function () {
      var file = input.files[0];
      if (!preview) return;
      preview.hidden = true;
      if (!file || !/^image\//.test(file.type)) return;
      var reader = new FileReader();
      reader.onload = function () {
        var picture = document.createElement("img");
        picture.src = reader.result;
        picture.alt = preview.dataset.dropPreview;
        preview.replaceChildren(picture);
        preview.hidden = false;
      };
      reader.readAsDataURL(file);
    });
  });

  /* Menus made of <details> close with Escape or a click elsewhere. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    each("details.menu[open]", function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", function (event) {
    each("details.menu[open]", function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
})();
