/** Tile columns: how many tiles stand in a row, so that the rows are full and no tile stands alone. */

/** The least width of a tile: the longest name of a state on one line. */
export const TILE_REM = 9
const GAP_REM = 0.75

/**
 * The number of columns. The rows are as few as the width allows, and as equal as possible. A last tile alone is left
 * over only if each number of columns leaves one; then it spans its row.
 */
export function tileColumns(tiles: number, widthRem: number): number {
  const room = Math.max(1, Math.floor((widthRem + GAP_REM) / (TILE_REM + GAP_REM)))
  if (tiles <= room) return Math.max(1, tiles)
  const least = Math.ceil(tiles / Math.ceil(tiles / room))
  for (let columns = least; columns <= room; columns += 1) if (tiles % columns !== 1) return columns
  return least
}
