/** Use map drag: a map that is larger than its frame is moved by the pointer. */
import { type PointerEvent, useRef } from 'react'
import { MAP, projectionFor, type View } from './world.ts'

/** A hand that presses a mark trembles by less. */
const TREMBLE_PX = 4

type Grip = { x: number; y: number; view: View; isMoving: boolean }

/** What the frame of the map listens to. */
export function useMapDrag(view: View, widthPx: number, onView: (view: View) => void) {
  const grip = useRef<Grip>(undefined)
  const release = () => {
    grip.current = undefined
  }
  return {
    onPointerDown(event: PointerEvent<SVGElement>) {
      // The whole world fits its frame: there is nowhere to go.
      if (view.scale > 1 && event.button === 0)
        grip.current = { x: event.clientX, y: event.clientY, view, isMoving: false }
    },
    onPointerMove(event: PointerEvent<SVGElement>) {
      const held = grip.current
      if (!held) return
      const dx = event.clientX - held.x
      const dy = event.clientY - held.y
      if (!held.isMoving && Math.hypot(dx, dy) < TREMBLE_PX) return
      if (!held.isMoving) event.currentTarget.setPointerCapture(event.pointerId)
      held.isMoving = true
      const perPx = MAP.width / Math.max(1, widthPx)
      const center = projectionFor(held.view).invert?.([MAP.width / 2 - dx * perPx, MAP.height / 2 - dy * perPx])
      if (center?.every(Number.isFinite)) onView({ ...held.view, center: [center[0], clampLatitude(center[1])] })
    },
    onPointerUp: release,
    onPointerCancel: release,
  }
}

/** Past these there is nothing but ice. */
const clampLatitude = (degrees: number) => Math.max(-60, Math.min(80, degrees))
