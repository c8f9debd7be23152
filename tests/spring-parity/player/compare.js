// What differs between two transcripts: `- line` is Spring's, `+ line` ours.

export function differences(spring, ours) {
  // The longest common subsequence, from the end: transcripts are short.
  const common = Array.from({ length: spring.length + 1 }, () => new Uint32Array(ours.length + 1));
  for (let i = spring.length - 1; i >= 0; i--) {
    for (let j = ours.length - 1; j >= 0; j--) {
      common[i][j] =
        spring[i] === ours[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const result = [];
  let [i, j] = [0, 0];
  while (i < spring.length || j < ours.length) {
    if (i < spring.length && j < ours.length && spring[i] === ours[j]) [i, j] = [i + 1, j + 1];
    else if (i < spring.length && (j === ours.length || common[i + 1][j] >= common[i][j + 1])) {
      result.push(`- ${spring[i++]}`);
    } else result.push(`+ ${ours[j++]}`);
  }
  return result;
}
