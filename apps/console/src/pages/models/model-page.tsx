/** Model: its versions, newest first. */
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { sizeText } from '../../components/amounts.ts'
import { Card, Page } from '../../components/card.tsx'
import { Copyable, shortDigest } from '../../components/copyable.tsx'
import { Instant } from '../../components/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from './alias-tags.tsx'

const words = texts.model
const back = { to: '/models', text: words.back } as const

/** The page at /models/NAME. */
export function ModelPage() {
  const { model: name } = useParams({ from: '/inside/models/$model' })
  const { data, error, refetch } = useQuery(queries.model(name))
  return (
    <Page title={name} back={back} beside={data && <AliasTags aliases={data.model.aliases} />}>
      <Card title={words.versions} isFlush>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
        {!data && !error && <Loading />}
        {data && (
          <PlainTable
            label={words.versions}
            headers={Object.values(words.columns)}
            rows={data.versions.map((version) => ({
              key: version.id,
              cells: [
                <Link
                  key="version"
                  to="/models/$model/versions/$version"
                  params={{ model: name, version: String(version.version) }}
                  className="rounded font-medium hover:text-accent hover:underline"
                >
                  {texts.models.version(version.version)}
                </Link>,
                <Copyable
                  key="digest"
                  value={version.digest}
                  shown={shortDigest(version.digest)}
                  what={words.columns.digest}
                />,
                sizeText(version.sizeBytes),
                version.goldenCases,
                <AliasTags key="aliases" aliases={version.aliases} />,
                <span key="pushed" className="text-soft">
                  <Instant ms={version.createdAtMs} /> {words.by(version.createdBy)}
                </span>,
              ],
            }))}
          />
        )}
      </Card>
    </Page>
  )
}
