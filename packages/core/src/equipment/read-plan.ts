/**
 * Read plan: which blocks to ask equipment for, so that many neighbours cost one request. It knows no protocol: places are counted in whatever the
 * protocol addresses, such as registers, bits or bytes of one table.
 */

/** `none`: a block for each; `shrink`: neighbours in the order given; `rearrange`: neighbours by place; `max-insert`: over gaps, too. */
export type ReadPlanMode = 'none' | 'shrink' | 'rearrange' | 'max-insert'

export type ReadPlanLimits = {
  mode: ReadPlanMode
  /** The longest run of places between two tags that is read and thrown away; counts for `max-insert`. */
  gapMax: number
  /** The longest block that the equipment answers. */
  lengthMax: number
}

export type Span = { start: number; length: number }

/** `members` are places in the list of spans. */
export type Block = Span & { members: number[] }

/**
 * Blocks that cover every span whole, in exactly one block. None is longer than `lengthMax`, but where a single span is: that one stands alone, for
 * whoever reads it to refuse.
 */
export function planReads(spans: readonly Span[], limits: ReadPlanLimits): Block[] {
  const blocks: Block[] = []
  for (const index of orderOf(spans, limits.mode)) {
    const span = spans[index]
    const block = blocks.at(-1)
    if (!span) continue
    if (block && hasRoomFor(block, span, limits)) {
      block.length = endWith(block, span) - block.start
      block.members.push(index)
    } else {
      blocks.push({ start: span.start, length: span.length, members: [index] })
    }
  }
  return blocks
}

/** For a block of several spans that was refused: two of it, each around half of them, by place. */
export function halvesOf<One extends Block>(block: One, spanOf: (member: number) => Span | undefined): [One, One] {
  const startOf = (member: number) => spanOf(member)?.start ?? 0
  const endOf = (member: number) => startOf(member) + (spanOf(member)?.length ?? 0)
  const sorted = block.members.toSorted((a, b) => startOf(a) - startOf(b))
  const middle = Math.ceil(sorted.length / 2)
  const partOf = (members: number[]): One => {
    const start = Math.min(...members.map(startOf))
    return { ...block, start, length: Math.max(...members.map(endOf)) - start, members }
  }
  return [partOf(sorted.slice(0, middle)), partOf(sorted.slice(middle))]
}

function orderOf(spans: readonly Span[], mode: ReadPlanMode): number[] {
  const order = spans.map((_, index) => index)
  if (mode === 'none' || mode === 'shrink') return order
  return order.sort((a, b) => (spans[a]?.start ?? 0) - (spans[b]?.start ?? 0) || a - b)
}

function hasRoomFor(block: Block, span: Span, { mode, gapMax, lengthMax }: ReadPlanLimits): boolean {
  if (mode === 'none' || span.start < block.start) return false
  const gap = span.start - (block.start + block.length)
  return gap <= (mode === 'max-insert' ? gapMax : 0) && endWith(block, span) - block.start <= lengthMax
}

const endWith = (block: Block, span: Span): number => Math.max(block.start + block.length, span.start + span.length)
