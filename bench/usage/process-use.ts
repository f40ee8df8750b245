/** Process use: the resources that a process of this machine has used so far, as Linux counts them. */
import { readFile } from 'node:fs/promises'

/** [proc(5), /proc/pid/stat] utime and stime, in ticks of 10 ms. */
export async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

export async function rssMb(pid: number): Promise<number> {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 10) / 100
}
