// Returns [ratio, text or tag] for each visible text, as WCAG 2 computes contrast, and for each border of a field.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { channels: [red, green, blue], alpha: alpha / 255 };
  };
  const over = (top, below) => top.channels.map((value, index) => value * top.alpha + below[index] * (1 - top.alpha));
  const background = (element) => {
    if (!element) return [255, 255, 255];
    return over(pixel(getComputedStyle(element).backgroundColor), background(element.parentElement));
  };
  const luminance = (channels) =>
    channels
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = { texts: [], borders: [] };
  for (const element of document.querySelectorAll("body *")) {
    const style = getComputedStyle(element);
    const field = element.matches("select, textarea, input");
    const own = field || [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.matches(".heard, option, noscript *")) continue;
    const below = background(element);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    found.texts.push([ratio(over(pixel(colour), below), below), element.textContent.trim().slice(0, 30) || element.id]);
    if (field && element.type !== "checkbox") {
      const outside = background(element.parentElement);
      found.borders.push([ratio(over(pixel(style.borderTopColor), outside), outside), element.id]);
    }
  }
  return found;
}
