"""Every difference that Confluent Schema Registry tells apart, and what each policy thinks of it.

The marks: `yes` is compatible, `lenient` only under the LENIENT policy, `no` never.
"""

from contracts.compat.profiles.difference import Table, table

DIFFERENCES: Table = table("""
ID_CHANGED | yes | the identifier is another one
DESCRIPTION_CHANGED | yes | the description is another one
TITLE_CHANGED | yes | the title is another one
DEFAULT_CHANGED | yes | the default is another one
SCHEMA_REMOVED | yes | the schema of all items is gone
TYPE_EXTENDED | yes | an integer may now be any number
MAX_LENGTH_REMOVED | yes | the upper bound of the length is gone
MAX_LENGTH_INCREASED | yes | the upper bound of the length is higher
MIN_LENGTH_REMOVED | yes | the lower bound of the length is gone
MIN_LENGTH_DECREASED | yes | the lower bound of the length is lower
PATTERN_REMOVED | yes | the pattern is gone
MAXIMUM_REMOVED | yes | the maximum is gone
MAXIMUM_INCREASED | yes | the maximum is higher
MINIMUM_REMOVED | yes | the minimum is gone
MINIMUM_DECREASED | yes | the minimum is lower
EXCLUSIVE_MAXIMUM_REMOVED | yes | the exclusive maximum is gone
EXCLUSIVE_MAXIMUM_INCREASED | yes | the exclusive maximum is higher
EXCLUSIVE_MINIMUM_REMOVED | yes | the exclusive minimum is gone
EXCLUSIVE_MINIMUM_DECREASED | yes | the exclusive minimum is lower
MULTIPLE_OF_REMOVED | yes | the divisor (`multipleOf`) is gone
MULTIPLE_OF_REDUCED | yes | the divisor (`multipleOf`) became a divisor of the old one
REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED | yes | a property that both versions declare became required, with a default
REQUIRED_ATTRIBUTE_REMOVED | yes | a property that both versions declare is no longer required
MAX_PROPERTIES_REMOVED | yes | the upper bound of the number of properties is gone
MAX_PROPERTIES_INCREASED | yes | the upper bound of the number of properties is higher
MIN_PROPERTIES_REMOVED | yes | the lower bound of the number of properties is gone
MIN_PROPERTIES_DECREASED | yes | the lower bound of the number of properties is lower
ADDITIONAL_PROPERTIES_ADDED | yes | the permission of additional properties is new
ADDITIONAL_PROPERTIES_EXTENDED | yes | additional properties have no schema any more
DEPENDENCY_ARRAY_REMOVED | yes | a list of names that depend on a property is gone
DEPENDENCY_ARRAY_NARROWED | yes | a list of names that depend on a property is smaller
DEPENDENCY_SCHEMA_REMOVED | yes | a schema that depends on a property is gone
PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL | yes | a property without constraints is new where any further property was allowed
REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL | yes | a required property with a default is new where not every further property was allowed
OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL | yes | an optional property is new where not every further property was allowed
PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL | yes | a property is gone where any further property is allowed
PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL | yes | a property that was never allowed is gone where no further property is allowed
PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | yes | a property is gone, and the rest is allowed to be what it was
PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | yes | a property is new, and it accepts all that the rest was allowed to be
UNEVALUATED_PROPERTIES_ADDED | yes | the permission of unevaluated properties is new
UNEVALUATED_PROPERTIES_EXTENDED | yes | unevaluated properties have no schema any more
MAX_ITEMS_REMOVED | yes | the upper bound of the number of items is gone
MAX_ITEMS_INCREASED | yes | the upper bound of the number of items is higher
MIN_ITEMS_REMOVED | yes | the lower bound of the number of items is gone
MIN_ITEMS_DECREASED | yes | the lower bound of the number of items is lower
MAX_CONTAINS_REMOVED | yes | the upper bound of contained items is gone
MAX_CONTAINS_INCREASED | yes | the upper bound of contained items is higher
MIN_CONTAINS_REMOVED | yes | the lower bound of contained items is gone
MIN_CONTAINS_DECREASED | yes | the lower bound of contained items is lower
UNIQUE_ITEMS_REMOVED | yes | the demand for unique items is gone
ADDITIONAL_ITEMS_ADDED | yes | the permission of additional items is new
ADDITIONAL_ITEMS_EXTENDED | yes | additional items have no schema any more
UNEVALUATED_ITEMS_ADDED | yes | the permission of unevaluated items is new
UNEVALUATED_ITEMS_EXTENDED | yes | unevaluated items have no schema any more
ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL | yes | a position without constraints is new where any further item was allowed
ITEM_ADDED_TO_CLOSED_CONTENT_MODEL | yes | a position of the array is new where no further item was allowed
ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL | yes | a position of the array is gone where any further item is allowed
ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL | yes | a position that was never allowed is gone where no further item is allowed
ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | yes | a position of the array is gone, and the rest is allowed to be what it was
ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | yes | a position of the array is new, and it accepts all that the rest was allowed to be
ENUM_ARRAY_EXTENDED | yes | the set of enumerated values is larger
COMBINED_TYPE_EXTENDED | yes | `allOf`, `anyOf` or `oneOf` became another one of them that accepts as much
PRODUCT_TYPE_NARROWED | yes | `allOf` has fewer subschemas, or one of them was taken alone
SUM_TYPE_EXTENDED | yes | `anyOf` or `oneOf` has more subschemas, or took in the plain schema
NOT_TYPE_NARROWED | yes | what must not match became less
ADDITIONAL_PROPERTIES_NARROWED | lenient | additional properties now have a schema
ADDITIONAL_PROPERTIES_REMOVED | lenient | the permission of additional properties is gone
UNEVALUATED_PROPERTIES_NARROWED | lenient | unevaluated properties now have a schema
UNEVALUATED_PROPERTIES_REMOVED | lenient | the permission of unevaluated properties is gone
REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL | lenient | a required property with a default is new where any further property was allowed
OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL | lenient | an optional property is new where any further property was allowed
PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL | lenient | a property is gone where no further property is allowed
PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | lenient | a property is new, and it refuses some of what the rest was allowed to be
PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | lenient | a property is gone, and the rest is not allowed to be what it was
SCHEMA_ADDED | no | the schema of all items is new
TYPE_NARROWED | no | a number must now be an integer
TYPE_CHANGED | no | the schema is of another class: another type, or a combination against a plain schema
MAX_LENGTH_ADDED | no | the upper bound of the length is new
MAX_LENGTH_DECREASED | no | the upper bound of the length is lower
MIN_LENGTH_ADDED | no | the lower bound of the length is new
MIN_LENGTH_INCREASED | no | the lower bound of the length is higher
PATTERN_ADDED | no | the pattern is new
PATTERN_CHANGED | no | the pattern is another one
MAXIMUM_ADDED | no | the maximum is new
MAXIMUM_DECREASED | no | the maximum is lower
MINIMUM_ADDED | no | the minimum is new
MINIMUM_INCREASED | no | the minimum is higher
EXCLUSIVE_MAXIMUM_ADDED | no | the exclusive maximum is new
EXCLUSIVE_MAXIMUM_DECREASED | no | the exclusive maximum is lower
EXCLUSIVE_MINIMUM_ADDED | no | the exclusive minimum is new
EXCLUSIVE_MINIMUM_INCREASED | no | the exclusive minimum is higher
MULTIPLE_OF_ADDED | no | the divisor (`multipleOf`) is new
MULTIPLE_OF_EXPANDED | no | the divisor (`multipleOf`) became a multiple of the old one
MULTIPLE_OF_CHANGED | no | the divisor (`multipleOf`) is unrelated to the old one
REQUIRED_ATTRIBUTE_ADDED | no | a property that both versions declare became required, without a default
MAX_PROPERTIES_ADDED | no | the upper bound of the number of properties is new
MAX_PROPERTIES_DECREASED | no | the upper bound of the number of properties is lower
MIN_PROPERTIES_ADDED | no | the lower bound of the number of properties is new
MIN_PROPERTIES_INCREASED | no | the lower bound of the number of properties is higher
DEPENDENCY_ARRAY_ADDED | no | a list of names that depend on a property is new
DEPENDENCY_ARRAY_EXTENDED | no | a list of names that depend on a property is larger
DEPENDENCY_ARRAY_CHANGED | no | the list of names that depend on a property is another one
DEPENDENCY_SCHEMA_ADDED | no | a schema that depends on a property is new
PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL | no | a property is new where any further property was allowed (older versions of the registry)
REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL | no | a required property without a default is new where any further property was allowed
REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL | no | a required property without a default is new where not every further property was allowed
RESERVED_PROPERTY_REMOVED | no | a property name is no longer kept free
RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY | no | a property has a name that is kept free
MAX_ITEMS_ADDED | no | the upper bound of the number of items is new
MAX_ITEMS_DECREASED | no | the upper bound of the number of items is lower
MIN_ITEMS_ADDED | no | the lower bound of the number of items is new
MIN_ITEMS_INCREASED | no | the lower bound of the number of items is higher
MAX_CONTAINS_ADDED | no | the upper bound of contained items is new
MAX_CONTAINS_DECREASED | no | the upper bound of contained items is lower
MIN_CONTAINS_ADDED | no | the lower bound of contained items is new
MIN_CONTAINS_INCREASED | no | the lower bound of contained items is higher
UNIQUE_ITEMS_ADDED | no | the demand for unique items is new
ADDITIONAL_ITEMS_REMOVED | no | the permission of additional items is gone
ADDITIONAL_ITEMS_NARROWED | no | additional items now have a schema
UNEVALUATED_ITEMS_REMOVED | no | the permission of unevaluated items is gone
UNEVALUATED_ITEMS_NARROWED | no | unevaluated items now have a schema
ITEM_ADDED_TO_OPEN_CONTENT_MODEL | no | a position of the array is new where any further item was allowed
ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL | no | a position of the array is gone where no further item is allowed
ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | no | a position of the array is gone, and the rest is not allowed to be what it was
ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL | no | a position of the array is new, and it refuses some of what the rest was allowed to be
ENUM_ARRAY_NARROWED | no | the set of enumerated values is smaller
ENUM_ARRAY_CHANGED | no | enumerated values are gone, and others are new
COMBINED_TYPE_CHANGED | no | `allOf`, `anyOf` or `oneOf` became another one of them that accepts less
PRODUCT_TYPE_EXTENDED | no | `allOf` has more subschemas
SUM_TYPE_NARROWED | no | `anyOf` or `oneOf` has fewer subschemas
COMBINED_TYPE_SUBSCHEMAS_CHANGED | no | not every subschema has a compatible partner
NOT_TYPE_EXTENDED | no | what must not match became more, or something else
""")
