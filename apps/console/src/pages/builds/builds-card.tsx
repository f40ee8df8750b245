/** Builds card: the builds of a version in short, on the page of the version. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Failure, Loading } from '../../components/page-state.tsx'
import { nameOfBuild } from './build-forms.ts'
import { buildQueries } from './build-queries.ts'
import { buildTexts } from './english-builds.ts'
import { shareText } from './fidelity-text.ts'

const words = buildTexts.card

/** Lines that the card holds. The page of the builds has all of them. */
const BUILDS_SHOWN = 6

export function BuildsCard({ version: { name: model, version, files } }: { version: ModelVersionDetail }) {
  const wholeBytes = modelBytesOf(files)
  const params = { model, version: String(version) }
  const { data: builds, error, refetch } = useQuery(buildQueries.builds(model, params.version))
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <Link
          to="/models/$model/versions/$version/builds"
          params={params}
          className="rounded text-xs font-medium text-accent underline-offset-4 hover:underline"
        >
          {words.all}
        </Link>
      }
    >
      {!builds && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={2} />)}
      {builds?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
      <ul className="divide-y divide-line">
        {builds?.slice(0, BUILDS_SHOWN).map((build) => (
          <li key={build.id}>
            <Link
              to="/models/$model/versions/$version/builds"
              params={params}
              search={{ build: build.id }}
              className="flex items-center justify-between gap-3 px-4 py-2.5 text-sm hover:bg-raised"
            >
              <code className="truncate font-mono text-xs font-medium">{nameOfBuild(build, builds)}</code>
              <span className="whitespace-nowrap text-soft tabular">
                {sizeText(modelBytesOf(build.files))} · × {shareText(modelBytesOf(build.files), wholeBytes)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
