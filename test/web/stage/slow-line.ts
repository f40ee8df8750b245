/** Web slow line: holds the pieces of uploads until a test lets them go, and notes those that the hub took. */
import type { Page } from 'playwright-core'
import { until } from '../../../examples/stage/wait.ts'

const never = new AbortController().signal

type Piece = { upload: string; offset: number; bytes: number }

/** Holds the pieces of uploads until they are let go, and notes those that the hub took. */
export async function slowLine(page: Page) {
  const taken: Piece[] = []
  const held: (() => void)[] = []
  let asked = 0
  let limit = 2
  const release = () => {
    while (held.length > 0 && asked - held.length < limit) held.shift()?.()
  }
  await page.route(/\/v1\/uploads\/upl_/, async (route, request) => {
    if (request.method() !== 'PATCH') return route.continue()
    asked += 1
    await new Promise<void>((resolve) => {
      held.push(resolve)
      release()
    })
    // It may have been taken back by the page meanwhile.
    await route.continue().catch(() => undefined)
  })
  page.on('response', (response) => {
    const request = response.request()
    if (request.method() !== 'PATCH' || response.status() !== 200) return
    const { pathname, searchParams } = new URL(response.url())
    const offset = Number(searchParams.get('offsetBytes'))
    taken.push({ upload: pathname, offset, bytes: request.postDataBuffer()?.length ?? 0 })
  })
  return {
    taken,
    askedCount: () => asked,
    /** Lets so many more through. */
    go(count: number) {
      limit += count
      release()
    },
    /** Lets all but the last of so many through, counted from the beginning, and waits until that one is held. */
    async reaches(count: number) {
      limit = Math.max(limit, count - 1)
      release()
      await until(`${count} pieces were sent off`, () => (asked >= count ? true : undefined), never)
    },
  }
}
