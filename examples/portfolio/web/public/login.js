// The login page: says why one is here, and fills in the form for a demo user. Logging in itself needs no script.

const notices = {
  wrong: { text: "User name or password is wrong.", failed: true },
  ended: { text: "Your session has ended. Please log in again." },
  "logged-out": { text: "You are logged out." },
};

const username = document.getElementById("username");
const password = document.getElementById("password");
const notice = document.getElementById("notice");

const { text, failed = false } = notices[location.search.slice(1)] ?? {};
if (text) {
  // Unhidden before it is filled, so that screen readers announce what changes.
  notice.hidden = false;
  notice.setAttribute("role", failed ? "alert" : "status");
  notice.classList.toggle("failed", failed);
  notice.textContent = text;
}

for (const user of document.querySelectorAll("[data-username]")) {
  user.addEventListener("click", () => {
    username.value = user.dataset.username;
    password.value = user.dataset.password;
    password.form.querySelector("[type=submit]").focus();
  });
}
