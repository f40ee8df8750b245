/** Builds page: the builds of a version, with their cost and fidelity, and the recipes that made none. */
import { useParams } from '@tanstack/react-router'
import { kindRow } from '../../kinds/kinds.ts'
import { buildTexts } from './english-builds.ts'
import { OptimiseButton } from './optimise-button.tsx'
import { VersionPart } from './version-part.tsx'

/** Renders the page at /models/NAME/versions/NUMBER/builds. */
export function BuildsPage() {
  const { model, version } = useParams({ from: '/inside/models/$model/versions/$version/builds' })
  return (
    <VersionPart
      model={model}
      version={version}
      title={buildTexts.title}
      lead={buildTexts.lead}
      partOf={({ kind }) => kindRow(kind).Builds}
      actions={(detail) => <OptimiseButton model={detail.name} version={detail.version} look="primary" />}
    />
  )
}
