/** Measure page: chooses builds and devices, and makes the batch that measures the builds there. */
import { useParams } from '@tanstack/react-router'
import { kindRow } from '../../../kinds/kinds.ts'
import { buildTexts } from '../english-builds.ts'
import { VersionPart } from '../version-part.tsx'

const words = buildTexts.measure

/** Renders the page at /models/NAME/versions/NUMBER/measure. */
export function MeasurePage() {
  const { model, version } = useParams({ from: '/inside/models/$model/versions/$version/measure' })
  return (
    <VersionPart
      model={model}
      version={version}
      title={words.title}
      lead={words.lead}
      partOf={({ kind }) => kindRow(kind).Measure}
    />
  )
}
