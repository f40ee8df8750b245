/** Optimise page: chooses recipes and a goal for a version, shows the cost, and starts the optimisation. */
import { useParams } from '@tanstack/react-router'
import { kindRow } from '../../../kinds/kinds.ts'
import { buildTexts } from '../english-builds.ts'
import { VersionPart } from '../version-part.tsx'

const words = buildTexts.optimise

/** Renders the page at /models/NAME/versions/NUMBER/optimise. */
export function OptimisePage() {
  const { model, version } = useParams({ from: '/inside/models/$model/versions/$version/optimise' })
  return (
    <VersionPart
      model={model}
      version={version}
      title={words.title}
      lead={words.lead}
      partOf={({ kind }) => kindRow(kind).Optimise}
    />
  )
}
