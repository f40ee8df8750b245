/** Cell drawing: the part of a map that is in sight, on a canvas. Each shape is drawn once, and stamped from then on. */
import type { Outcome, RolloutDevice } from '@skerry/contract/rollouts/rollout'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { OUTCOME_ORDER } from '../../components/charts/outcome-bar.tsx'
import type { CellLayout } from './cell-layout.ts'
import { SHAPE_BOX, SHAPE_COLOUR, SHAPES } from './cell-shapes.ts'

type Stamp = HTMLCanvasElement
export type Stamps = ReadonlyMap<Outcome, Stamp>

/** The shapes at a size, in the colours that the canvas has now. */
export function makeStamps(canvas: HTMLCanvasElement, cellPx: number): Stamps {
  return new Map(OUTCOME_ORDER.map((outcome) => [outcome, makeStamp(outcome, colourOf(canvas, outcome), cellPx)]))
}

function makeStamp(outcome: Outcome, colour: string, cellPx: number): HTMLCanvasElement {
  const stamp = document.createElement('canvas')
  stamp.width = cellPx
  stamp.height = cellPx
  const context = stamp.getContext('2d')
  context?.scale(cellPx / SHAPE_BOX, cellPx / SHAPE_BOX)
  if (context) context.fillStyle = colour
  context?.fill(new Path2D(SHAPES[outcome]), 'evenodd')
  return stamp
}

/** The browser resolves the theme's colour when it is somebody's. */
function colourOf(canvas: HTMLCanvasElement, outcome: Outcome): string {
  canvas.style.color = `var(${SHAPE_COLOUR[outcome]})`
  return getComputedStyle(canvas).color
}

export type Scene = {
  devices: readonly Pick<RolloutDevice, 'outcome'>[]
  layout: CellLayout
  /** How far it is scrolled, and how much is in sight. */
  top: number
  width: number
  height: number
  pointed: number | undefined
}

/** What needs a person must be seen among thousands that do not. */
const URGENT: ReadonlySet<Outcome> = new Set([...FAILURE_KINDS, 'tolerated'])
/** From this size on it stands out by itself. */
const STANDS_OUT_PX = 12
/** So much larger is a small mark that must be seen, on each side; it takes that from its neighbours. */
const BEYOND_PX = 2

type Spot = { x: number; y: number }

function drawLarge(context: CanvasRenderingContext2D, stamp: Stamp | undefined, { x, y }: Spot, scale: number): void {
  if (!stamp) return
  const beyond = BEYOND_PX * scale
  const left = x - beyond
  const top = y - beyond
  const side = stamp.width + 2 * beyond
  context.clearRect(left - scale, top - scale, side + 2 * scale, side + 2 * scale)
  context.drawImage(stamp, left, top, side, side)
}

/** Draws what is in sight anew. */
export function drawCells(canvas: HTMLCanvasElement, stamps: Stamps, scene: Scene): void {
  const { devices, layout, top, width, height, pointed } = scene
  const scale = window.devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d')
  if (!context) return
  const { step, columns, cell } = layout
  const first = Math.floor(top / step) * columns
  const last = Math.min(devices.length, Math.ceil((top + height) / step) * columns)
  const placeOf = (index: number) => ({
    x: Math.round((index % columns) * step * scale),
    y: Math.round((Math.floor(index / columns) * step - top) * scale),
  })
  const urgent: number[] = []
  for (let index = first; index < last; index++) {
    const outcome = devices[index]?.outcome ?? 'waiting'
    const stamp = stamps.get(outcome)
    const { x, y } = placeOf(index)
    if (URGENT.has(outcome) && cell < STANDS_OUT_PX) urgent.push(index)
    else if (stamp) context.drawImage(stamp, x, y)
  }
  for (const index of urgent) drawLarge(context, stamps.get(devices[index]?.outcome ?? 'failed'), placeOf(index), scale)
  if (pointed === undefined) return
  const { x, y } = placeOf(pointed)
  canvas.style.color = 'var(--text)'
  context.strokeStyle = getComputedStyle(canvas).color
  context.lineWidth = 2 * scale
  context.strokeRect(x - scale, y - scale, (cell + 2) * scale, (cell + 2) * scale)
}
