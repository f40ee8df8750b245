/** Processes: finds the processes of this machine by a word of their command line. Tests check that none is left. */
import { readdir, readFile } from 'node:fs/promises'

const commandOf = (id: number) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')

/** [proc_pid_stat(5)] The fourth field, after the name in parentheses and the state. */
async function parentOf(id: number): Promise<number> {
  const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')
  return Number(/\) \S (\d+)/.exec(stat)?.[1])
}

/** The ids of the processes with the word whose parent is the process, or has the text in its command line. */
export async function processesWith(word: string, parent: number | string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found: number[] = []
  for (const id of ids) {
    if (!(await commandOf(id)).includes(word)) continue
    const owner = await parentOf(id)
    const isOwn = typeof parent === 'number' ? owner === parent : (await commandOf(owner)).includes(parent)
    if (isOwn) found.push(id)
  }
  return found
}
