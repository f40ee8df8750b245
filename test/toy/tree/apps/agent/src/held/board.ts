/** The board of the device: a file in its data folder. */
import { join } from 'node:path'
import { BOARD, BoardDocument, type HeldBoard } from '@skerry/contract/held/board'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { HeldDocument } from './held-document.ts'
import type { HeldGround } from './held-documents.ts'

export const boardHeld = ({
  fileSystem,
  data,
  log,
}: Pick<HeldGround, 'fileSystem' | 'data' | 'log'>): HeldDocument<BoardDocument, HeldBoard> => ({
  kind: BOARD,
  begins: 'proved',
  async held() {
    const bytes = await fileSystem.readFile(join(data, 'board.json'))
    return bytes ? { revision: BoardDocument.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).revision } : {}
  },
  async take(document) {
    await writeAtomic(fileSystem, join(data, 'board.json'), JSON.stringify(document))
    log.info('board_taken', document)
    return 'report'
  },
})
