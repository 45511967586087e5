"""The functions behind `spectral:oas`, natively; one explicit list."""

from collections.abc import Mapping

from contracts.lint.function import Function
from contracts.lint.oas import (
    components,
    discriminator,
    document,
    examples,
    forms,
    identifiers,
    parameters,
    paths,
    responses,
    security,
    servers,
    siblings,
    tags,
)

OAS_FUNCTIONS: Mapping[str, Function] = {
    "oasDiscriminator": discriminator.oas_discriminator,
    "oasDocumentSchema": document.oas_document_schema,
    "oasExample": examples.oas_example,
    "oasOpFormDataConsumeCheck": forms.oas_op_form_data_consume_check,
    "oasOpIdUnique": identifiers.oas_op_id_unique,
    "oasOpParams": parameters.oas_op_params,
    "oasOpSuccessResponse": responses.oas_op_success_response,
    "oasPathParam": paths.oas_path_param,
    "oasSchema": examples.oas_schema,
    "oasSecurityDefined": security.oas_security_defined,
    "oasTagDefined": tags.oas_tag_defined,
    "oasUnusedComponent": components.oas_unused_component,
    "refSiblings": siblings.ref_siblings,
    "serverVariables": servers.server_variables,
    "uniquenessTags": tags.uniqueness_tags,
}
