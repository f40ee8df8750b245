/** QR code: dark squares on white in either theme, since scanners expect that. */
import { useMemo } from 'react'
import { encode } from 'uqr'

/** [ISO/IEC 18004 9.1] Four modules of quiet around. */
const QUIET = 4

/** The text as a picture; `label` says what is in it to whoever cannot see it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data } = encode(text, { ecc: 'L', border: QUIET })
    const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    return { size: data.length, path: squares.join('') }
  }, [text])
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      className="size-44 rounded-lg bg-white"
      shapeRendering="crispEdges"
    >
      <path d={path} fill="#000" />
    </svg>
  )
}
