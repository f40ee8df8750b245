/**
 * Decoder order: what ffmpeg is told. Where it connects to, with whose password, it reads from its standard input, as every user of the machine can see
 * the arguments of a process. What it says may name that again: it is left out before anybody reads it.
 */
import type { CameraConnection, CameraTag } from '@skerry/contract/sources/protocols/source-camera'

export type DecoderOrder = { args: string[]; script: string }

type Wanted = {
  connection: CameraConnection
  tag: Pick<CameraTag, 'width' | 'height' | 'pixels' | 'fit'>
  everyMs: number
  password: string | undefined
}

/** A whole picture is told once in each stretch of `everyMs`, none twice, and none is waited for. [ffmpeg-filters, "select"] */
const pick = (everyMs: number) => {
  const stretch = (time: string) => `floor((${time}*1000+0.5)/${everyMs})`
  return `select='isnan(prev_selected_t)+not(eq(${stretch('t')},${stretch('prev_selected_t')}))'`
}

const fitted = ({ width, height, fit }: Wanted['tag']) =>
  fit === 'stretch'
    ? [`scale=${width}:${height}:flags=bilinear`]
    : [
        `scale=${width}:${height}:flags=bilinear:force_original_aspect_ratio=decrease`,
        `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
      ]

export function decoderOrder({ connection, tag, everyMs, password }: Wanted): DecoderOrder {
  const isFile = connection.file !== undefined
  return {
    args: [
      '-hide_banner',
      '-loglevel',
      'error',
      '-nostdin',
      // A camera cannot send us to the files of this machine, and a file not to the network.
      '-protocol_whitelist',
      isFile ? 'pipe,fd,file' : 'pipe,fd,rtsp,rtp,tcp,udp',
      ...(isFile
        ? ['-readrate', '1', '-readrate_initial_burst', '0', ...(connection.loop ? ['-stream_loop', '-1'] : [])]
        : []),
      // One core decodes Full HD; more would only hold pictures back.
      '-threads',
      '1',
      '-f',
      'concat',
      '-safe',
      '0',
      '-i',
      'pipe:0',
      '-an',
      '-sn',
      '-dn',
      '-vf',
      [pick(everyMs), ...fitted(tag)].join(','),
      '-fps_mode',
      'passthrough',
      '-pix_fmt',
      tag.pixels === 'rgb' ? 'rgb24' : 'gray',
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    script: scriptOf(connection, password),
  }
}

/** [ffmpeg-formats, "concat"] */
function scriptOf({ url, user, file, transport }: CameraConnection, password = ''): string {
  if (url === undefined) return `ffconcat version 1.0\nfile ${quoted(`file:${file ?? ''}`)}\n`
  const address = new URL(url)
  // Digits and letters pass as they are; all else is written so that the address has one reading.
  if (user !== undefined) address.username = encodeURIComponent(user)
  if (user !== undefined) address.password = encodeURIComponent(password)
  // No `timeout`: the session times the first picture and each next one, and of two watches the first would say why it ended.
  return `ffconcat version 1.0\nfile ${quoted(address.href)}\noption rtsp_transport ${transport}\n`
}

/** [ffmpeg-utils, "Quoting and escaping"] */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** The last of what it said that helps a person, without addresses, which have passwords in them. */
export function decoderWords(said: string): string {
  const lines = said.split('\n').flatMap((line) => line.replace(/^(\[[^\]]*\] )+/, '').trim() || [])
  const plain = lines.filter((line) => !/:\/\/|pipe:|impossible to open/i.test(line))
  return (plain.at(-1) ?? '').replace(/^Error opening input: /, '').slice(0, 200)
}
