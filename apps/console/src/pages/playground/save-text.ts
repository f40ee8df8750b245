/** Save text: lets the browser save a text as a file. */

/** The time in which the browser starts the download. */
const KEPT_MS = 10_000

/** Lets the browser save it under that name. */
export function saveText(name: string, text: string | Blob, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
}
