// How numbers look.

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const signedDollars = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  signDisplay: "exceptZero",
});
const signedPercent = new Intl.NumberFormat("en-US", {
  style: "percent",
  minimumFractionDigits: 2,
  signDisplay: "exceptZero",
});
const counts = new Intl.NumberFormat("en-US");

export const money = (amount) => dollars.format(amount);
export const count = (number) => counts.format(number);
export const shares = (number) => `${count(number)} ${number === 1 ? "share" : "shares"}`;

/** Writes by how much something has changed, and in which direction, into an element. */
export function showChange(element, change, value) {
  const before = value - change;
  const percent = before > 0 ? change / before : 0;
  element.dataset.direction = direction(change);
  const text = `${signedDollars.format(change)} (${signedPercent.format(percent)})`;
  // A minus is as wide as a plus; a hyphen is not.
  element.textContent = text.replaceAll("-", "−");
}

/** `up`, `down` or `same`. Half a cent is what sums of cents can be off. */
export function direction(change) {
  if (Math.abs(change) < 0.005) return "same";
  return change > 0 ? "up" : "down";
}
