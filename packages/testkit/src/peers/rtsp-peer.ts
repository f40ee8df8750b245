/** RTSP peer: a camera that GStreamer's RTSP server plays, and a video of the same bars. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-port.ts'
import { isInstalled } from '../judges/judge.ts'
import { type Program, startProgram } from '../program.ts'

const SOURCE = fileURLToPath(new URL('../../peers/rtsp-camera.py', import.meta.url))
const PYTHON = '/usr/bin/python3'
const ASKED = [
  "import gi, sys; [gi.require_version(name, '1.0') for name in ('Gst', 'GstRtspServer')]",
  'from gi.repository import Gst, GstRtspServer; Gst.init(None)',
  "sys.exit(0 if Gst.ElementFactory.find('x264enc') else 1)",
].join('\n')

/** Whether this machine has the decoder. */
export const hasFfmpeg = isInstalled('ffmpeg', '-version')

/** Whether it has all that it is built of, too. Tests that need it are skipped where it has not. */
export const hasRtsp = hasFfmpeg && isInstalled(PYTHON, '-c', ASKED)

export type RtspPeer = Program & { url: string }

/** Whoever has the name and the password is let in; everybody where there is none. */
export async function startRtsp(access?: { user: string; password: string }): Promise<RtspPeer> {
  const port = await freePort()
  const who = access ? [access.user, access.password] : []
  const program = await startProgram(PYTHON, [SOURCE, String(port), ...who], { ready: /ready/ })
  return { ...program, url: `rtsp://127.0.0.1:${port}/cam` }
}

/** The same bars as a file, at ten pictures a second. */
export function makeBarsVideo(path: string, seconds: number): void {
  const bars = `smptebars=size=448x336:rate=10:duration=${seconds}`
  const made = spawnSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', bars, '-c:v', 'ffv1', path])
  if (made.status !== 0) throw new Error(`no video was made: ${made.stderr}`)
}
