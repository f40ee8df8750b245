/**
 * IEC 104 link: the windows and timers of the controlling station, as decisions. It takes frames and the time, and gives what to send and what to deliver.
 * Nothing is sent or waited for here. [IEC 60870-5-104, 5 and 9.6]
 */
import { type Apdu, SEQUENCE_SIZE, type UOrder } from './apdu.ts'

export type LinkSettings = {
  t1Seconds: number
  t2Seconds: number
  t3Seconds: number
  k: number
  w: number
}

export type Link = {
  settings: LinkSettings
  isStarted: boolean
  /** The numbers of the next frame to send, and of the next that is expected. */
  nextSent: number
  nextReceived: number
  /** When each frame was sent that is not acknowledged yet, the oldest first. */
  unacknowledgedMs: number[]
  /** Frames that were heard and not acknowledged yet, and when the first of them was. */
  owed: number
  owedSinceMs: number
  heardMs: number
  /** Orders that wait for their confirmation. */
  awaited: Map<UOrder, number>
}

/** `trouble`: the connection must be given up. */
export type LinkStep = { send: Apdu[]; deliver?: Uint8Array; trouble?: string }

export const newLink = (settings: LinkSettings, nowMs: number): Link => ({
  settings,
  isStarted: false,
  nextSent: 0,
  nextReceived: 0,
  unacknowledgedMs: [],
  owed: 0,
  owedSinceMs: 0,
  heardMs: nowMs,
  awaited: new Map(),
})

/** Asks for data transfer to start, to stop, or whether somebody is there. */
export function order(link: Link, asked: 'startdt_act' | 'stopdt_act' | 'testfr_act', nowMs: number): LinkStep {
  link.awaited.set(asked, nowMs)
  return { send: [{ format: 'u', order: asked }] }
}

/** Whether there is room in the window of k. */
export const canSend = (link: Link): boolean => link.isStarted && link.unacknowledgedMs.length < link.settings.k

/** The frame for what is to be sent; it acknowledges all that was heard. */
export function sendAsdu(link: Link, asdu: Uint8Array, nowMs: number): LinkStep {
  const apdu: Apdu = { format: 'i', sent: link.nextSent, received: link.nextReceived, asdu }
  link.nextSent = (link.nextSent + 1) % SEQUENCE_SIZE
  link.unacknowledgedMs.push(nowMs)
  link.owed = 0
  return { send: [apdu] }
}

export function hearApdu(link: Link, apdu: Apdu, nowMs: number): LinkStep {
  link.heardMs = nowMs
  switch (apdu.format) {
    case 'i':
      return hearInformation(link, apdu, nowMs)
    case 's':
      return acknowledge(link, apdu.received) ?? { send: [] }
    case 'u':
      return hearOrder(link, apdu.order)
  }
}

function hearInformation(link: Link, apdu: Extract<Apdu, { format: 'i' }>, nowMs: number): LinkStep {
  if (apdu.sent !== link.nextReceived) {
    return trouble(`frame ${apdu.sent} came where ${link.nextReceived} was expected`)
  }
  const wrong = acknowledge(link, apdu.received)
  if (wrong) return wrong
  link.nextReceived = (link.nextReceived + 1) % SEQUENCE_SIZE
  if (link.owed === 0) link.owedSinceMs = nowMs
  link.owed += 1
  return { send: link.owed >= link.settings.w ? [acknowledgement(link)] : [], deliver: apdu.asdu }
}

/** All before the number has arrived. */
function acknowledge(link: Link, received: number): LinkStep | undefined {
  const open = (link.nextSent - received + SEQUENCE_SIZE) % SEQUENCE_SIZE
  if (open > link.unacknowledgedMs.length) return trouble(`frame ${received} was acknowledged, and never sent`)
  link.unacknowledgedMs.splice(0, link.unacknowledgedMs.length - open)
  return undefined
}

function acknowledgement(link: Link): Apdu {
  link.owed = 0
  return { format: 's', received: link.nextReceived }
}

function hearOrder(link: Link, heard: UOrder): LinkStep {
  switch (heard) {
    case 'testfr_act':
      return { send: [{ format: 'u', order: 'testfr_con' }] }
    case 'startdt_con':
      link.isStarted = true
      link.awaited.delete('startdt_act')
      return { send: [] }
    case 'stopdt_con':
      link.isStarted = false
      link.awaited.delete('stopdt_act')
      return { send: [] }
    case 'testfr_con':
      link.awaited.delete('testfr_act')
      return { send: [] }
    case 'startdt_act':
    case 'stopdt_act':
      return trouble('the other end sent commands that only this end may send')
  }
}

/** What the time says. */
export function tick(link: Link, nowMs: number): LinkStep {
  const { t1Seconds, t2Seconds, t3Seconds } = link.settings
  const waitedMs = [...link.awaited.values(), ...link.unacknowledgedMs.slice(0, 1)]
  if (waitedMs.some((sinceMs) => nowMs - sinceMs >= t1Seconds * 1_000)) {
    return trouble(`nothing was confirmed within ${t1Seconds} s`)
  }
  const send: Apdu[] = []
  if (link.owed > 0 && nowMs - link.owedSinceMs >= t2Seconds * 1_000) send.push(acknowledgement(link))
  const isQuiet = nowMs - link.heardMs >= t3Seconds * 1_000
  if (isQuiet && !link.awaited.has('testfr_act')) send.push(...order(link, 'testfr_act', nowMs).send)
  return { send }
}

const trouble = (text: string): LinkStep => ({ send: [], trouble: text })
