/** Console step: a command that a document shows after `$`, with the output that it shows. */

export type ConsoleStep = {
  command: string
  expected: string
  /** The text between the block before and this one: the instructions before the command. */
  told: string
}

/** The steps of all blocks marked `console`, in order. */
export function consoleSteps(markdown: string): ConsoleStep[] {
  return [...markdown.matchAll(/(?<told>(?:(?!^```)[\s\S])*?)^```(?<kind>\w*)\n(?<body>[\s\S]*?)^```\n/gm)].flatMap(
    ({ groups }) => (groups?.kind === 'console' ? stepsOf(groups.body ?? '', groups.told ?? '') : []),
  )
}

const stepsOf = (body: string, told: string): ConsoleStep[] =>
  body
    .split(/^\$ /m)
    .slice(1)
    .map((text, index) => {
      const [command = '', ...lines] = text.split('\n')
      return { command, expected: lines.join('\n'), told: index === 0 ? told : '' }
    })

/** Parts that differ from one run to the next, and progress lines. */
const varying: [RegExp, string][] = [
  [/^(hashing|uploading) .*\n/gm, ''],
  [/\b(skj?|si)_[\w-]+/g, '<secret>'],
  [/(?<!\.)\b(sha256:)?[0-9a-f]{12,64}\b/g, '<digest>'],
  [/\b(dev|site|tok|rol|key)_[a-z2-7]+/g, '<id>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/^(stored in) .*/gm, '$1 <path>'],
  [/[\d.]+ [kMGT]?B were free/g, '<bytes> were free'],
  [/[\d.]+ (ms|s|µs)\b/g, '<span>'],
  [/"(pid|runnerPid)":\d+/g, '"$1":0'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>'],
  // A device reports the scores of a model that was exported with its training noise. By chance one is near the expected score, and then
  // the message has a hint.
  [
    /((?:golden_mismatch|failed): golden case )\d+ of (\d+) \(\d+ of \d+ cases differ\): output score\[0, 0\] is -?[\d.]+, expected -?[\d.]+ \(largest difference [\d.]+/g,
    '$1<n> of $2: score is <score>, expected <score> (<difference>',
  ],
  [/(score is <score>, .* values differ\)); the difference is small: .* with a wider tolerance/g, '$1'],
  // The score is near 0, where processors agree in three digits.
  [
    /output score\[0, 0\] is [\d.]+, expected ([\d.]+) \(largest difference [\d.]+/g,
    'score is <score>, expected $1 (<difference>',
  ],
  // A device may have reported before the first line is printed.
  [/(rolling, wave .*, running) .*/g, '$1 <versions>'],
  [/^(.*running <versions>)\n(?:\1\n)+/gm, '$1\n'],
  [/ +/g, ' '],
]

/**
 * The text with all that varies taken out, so that two runs can be compared. Five digits of a number are the same on
 * any processor.
 */
export function withoutVarying(text: string): string {
  const plain = varying.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text)
  return plain.replace(/\d+\.\d{5,}/g, (number) => Number(number).toPrecision(5)).trim()
}
