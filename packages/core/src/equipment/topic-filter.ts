/** Topic filter: whether a topic is in it. [MQTT 4.7] */

/** `+` is one level, `#` all that follow, none included. What begins with `$` is the broker's own, and in no filter that begins with a wildcard. */
export function isMatch(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const levels = topic.split('/')
  const wanted = filter.split('/')
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false
  }
  return wanted.length === levels.length
}
