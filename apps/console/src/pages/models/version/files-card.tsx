/** Files card: what a version is made of; each file can be downloaded with the session of this page. */
import type { VersionDetail } from '@skerry/contract/models/model'
import { Download } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { Copyable, shortDigest } from '../../../components/facts/copyable.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'

const words = texts.version

/** The card. */
export const FilesCard = ({ version: { files } }: { version: VersionDetail }) => (
  <Card title={words.files} isFlush>
    <PlainTable
      label={words.files}
      headers={[words.fileColumns.path, words.fileColumns.digest, words.fileColumns.size]}
      rows={files.map(({ path, digest, sizeBytes }) => ({
        key: path,
        cells: [
          <a
            key="path"
            href={`/v1/blobs/${encodeURIComponent(digest)}`}
            download={path.split('/').at(-1)}
            aria-label={modelTexts.files.download(path)}
            className="inline-flex items-center gap-2 rounded font-mono text-xs wrap-anywhere hover:text-accent hover:underline"
          >
            <Download size={14} className="shrink-0 text-soft" aria-hidden />
            {path}
          </a>,
          <Copyable key="digest" value={digest} shown={shortDigest(digest)} what={words.digest} />,
          sizeText(sizeBytes),
        ],
      }))}
    />
  </Card>
)
