/**
 * CI templates: a pipeline that certifies a listing at each change, and submits it for review from the main branch. The
 * pipeline has no secret: its service keeps the key of the publisher and the key of the hub.
 */

const CERTIFY = 'skerry market certify . --level 2'
const SUBMIT = 'skerry market submit . --catalogue "$SKERRY_CATALOGUE" --key publisher.pem --level 2'

const GITHUB = `name: listing
on: [push, pull_request]
jobs:
  certify:
    # A machine with the command line of Skerry; level 2 needs Linux with user namespaces.
    runs-on: [self-hosted, skerry]
    steps:
      - uses: actions/checkout@v4
      - run: ${CERTIFY}
      - uses: actions/upload-artifact@v4
        with: { name: certificate, path: certificate.json }
  submit:
    if: github.ref == 'refs/heads/main'
    needs: certify
    runs-on: [self-hosted, skerry]
    env:
      SKERRY_HUB: \${{ vars.SKERRY_HUB }}
      SKERRY_KEY: \${{ secrets.SKERRY_KEY }}
      SKERRY_CATALOGUE: \${{ vars.SKERRY_CATALOGUE }}
      PUBLISHER_KEY: \${{ secrets.PUBLISHER_KEY }}
    steps:
      - uses: actions/checkout@v4
      - run: |
          trap 'rm -f publisher.pem' EXIT
          (umask 077 && printf '%s\\n' "$PUBLISHER_KEY" > publisher.pem)
          ${SUBMIT}
`

const GITLAB = `# A runner with the command line of Skerry has the tag skerry. Level 2 needs Linux with user namespaces.
default:
  tags: [skerry]

certify:
  script:
    - ${CERTIFY}
  artifacts:
    paths: [certificate.json]

submit:
  # The variables SKERRY_HUB, SKERRY_KEY, SKERRY_CATALOGUE, and PUBLISHER_KEY of the type file are set in the project.
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - ${SUBMIT.replace('publisher.pem', '"$PUBLISHER_KEY"')}
`

export type CiService = 'github' | 'gitlab'

/** The file of the pipeline by its path. */
export const CI_FILES: Readonly<Record<CiService, Readonly<Record<string, string>>>> = {
  github: { '.github/workflows/listing.yml': GITHUB },
  gitlab: { '.gitlab-ci.yml': GITLAB },
}
