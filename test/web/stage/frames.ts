/**
 * Web frames: what frames cost the page's own thread, from Chromium's trace. Time on the wall says as much of the machine as of the page, so
 * what counts is the processor's time that the thread took between two frames: script, style, layout and paint, whoever else ran meanwhile.
 */
import type { CDPSession, Page } from 'playwright-core'

type TraceEvent = {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  /** The time on the processor. */
  tdur?: number
  args?: { name?: string; data?: { url?: string } }
}

/** Milliseconds on the processor. */
export type FrameReport = {
  /** Of the try in which it was least. */
  worstMs: number
  /** The slowest frame of each try. */
  tries: number[]
}

/**
 * A processor that is shared counts what others took from it, and the first try compiles: both only add. So what the page itself needs is
 * seen in the best of some tries, and a page that needs too much needs it in each.
 */
const TRIES = 4

/** Does the work some times, counted from 0, and says what its slowest frame takes. */
export async function worstFrame(page: Page, work: (count: number) => Promise<unknown>): Promise<FrameReport> {
  const tries: number[] = []
  for (let count = 0; count < TRIES; count++) tries.push(Math.max(...(await frameCosts(page, () => work(count)))))
  return { worstMs: Math.min(...tries), tries }
}

/** A task of the thread, whatever is inside. */
const TASK = 'RunTask'
/** Ends what a frame of the page asks of the thread; it stands inside the frame's own task. */
const FRAME = 'BeginCommitCompositorFrame'
const MAIN_THREAD = 'CrRendererMain'

/** The one that has both; with more of them, writing the trace would be a third of what is measured. */
const CATEGORIES = ['disabled-by-default-devtools.timeline', '__metadata']

/** Does the work, waits until the page rests, and says what each of its frames took. */
async function frameCosts(page: Page, work: () => Promise<unknown>): Promise<number[]> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES } })
  await page.evaluate(KEEP_DRAWING)
  await work()
  // Two frames after the last change, everything that it led to has been drawn.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  await page.evaluate('cancelAnimationFrame(window.drawing)')
  await stopTracing(session)
  await session.detach()
  return costsOf(events)
}

/** A page that rests has no frames; with one wanted all the time, whatever holds the thread up makes a frame late. */
const KEEP_DRAWING = `(() => {
  const again = () => { window.drawing = requestAnimationFrame(again) }
  again()
})()`

async function stopTracing(session: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()))
  await session.send('Tracing.end')
  await complete
}

function costsOf(events: readonly TraceEvent[]): number[] {
  const thread = busiest(events)
  const own = events.filter((event) => isOf(event, thread)).sort((a, b) => a.ts - b.ts)
  const costs = [0]
  for (const { name, ph, tdur = 0 } of own) {
    if (name === TASK && ph === 'X') costs.push((costs.pop() ?? 0) + tdur / 1_000)
    if (name === FRAME) costs.push(0)
  }
  return costs
}

type Thread = Pick<TraceEvent, 'pid' | 'tid'>
const isOf = ({ pid, tid }: TraceEvent, thread: Thread | undefined) => pid === thread?.pid && tid === thread.tid

/** The main thread of the page that is shown: Chromium keeps one or two others ready, which rest. */
function busiest(events: readonly TraceEvent[]): Thread | undefined {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === MAIN_THREAD)
  const frames = (thread: Thread) => events.filter((event) => event.name === FRAME && isOf(event, thread)).length
  return threads.toSorted((a, b) => frames(b) - frames(a))[0]
}
