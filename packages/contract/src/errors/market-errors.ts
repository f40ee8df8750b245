/** Error codes of catalogues, listings and installations. */
export const marketErrors = {
  catalogue_unknown: { status: 404, message: 'no such catalogue; "skerry market catalogue ls" lists them' },
  catalogue_refused: {
    status: 409,
    message: 'the catalogue cannot be used; the message names the reason',
  },
  listing_unknown: { status: 404, message: 'no such listing in the catalogue; "skerry market search" lists them' },
  listing_tampered: {
    status: 409,
    message: 'a file of the listing has other bytes than the signed index says; get the catalogue again',
  },
  submission_unknown: { status: 404, message: 'no such submission; "skerry market review ls" lists them' },
  submission_refused: { status: 422, message: 'the submission cannot be taken; the message names the reason' },
  submission_decided: { status: 409, message: 'the submission is no longer pending; submit the version again' },
  submission_own: {
    status: 409,
    message: 'you submitted it yourself; another person with the permission market.review has to accept it',
  },
  submission_foreign: { status: 409, message: 'another person submitted it; a reviewer can reject it' },
  entitlement_refused: { status: 422, message: 'the entitlement cannot be used; the message names the reason' },
  entitlement_missing: {
    status: 409,
    message: 'no entitlement allows it; "skerry market entitlement ls" lists them. What runs continues to run',
  },
  installation_unknown: { status: 404, message: 'no such installation; "skerry market ls" lists them' },
  installation_refused: {
    status: 422,
    message: 'the listing cannot be installed in this way; the message names the reason',
  },
  market_permission_unaccepted: {
    status: 409,
    message: 'the listing asks for permissions that nobody has accepted; read them, then repeat with --accept',
  },
} as const
