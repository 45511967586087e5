"""Every difference that Apicurio Registry tells apart, and whether it calls it compatible.

That registry has no policies: STRICT and LENIENT agree. Names follow its own; where it says the
same with several names, the nearest one stands here.
"""

from contracts.compat.profiles.difference import Table, table

DIFFERENCES: Table = table("""
SUBSCHEMA_TYPE_CHANGED | no | the schema is of another class, or a type is now asked for
SUBSCHEMA_TYPE_CHANGED_TO_EMPTY_OR_TRUE | yes | the schema accepts everything now
COMBINED_TYPE_CRITERION_EXTENDED | yes | `allOf`, `anyOf` or `oneOf` became another one of them that accepts as much
COMBINED_TYPE_CRITERION_NARROWED | no | `allOf`, `anyOf` or `oneOf` became another one of them that accepts less
COMBINED_TYPE_CRITERION_CHANGED | no | `allOf`, `anyOf` or `oneOf` became an unrelated one of them
COMBINED_TYPE_ALL_OF_SIZE_INCREASED | no | `allOf` has more subschemas
COMBINED_TYPE_ALL_OF_SIZE_DECREASED | yes | `allOf` has fewer subschemas
COMBINED_TYPE_ANY_OF_SIZE_INCREASED | yes | `anyOf` has more subschemas
COMBINED_TYPE_ANY_OF_SIZE_DECREASED | no | `anyOf` has fewer subschemas
COMBINED_TYPE_ONE_OF_SIZE_INCREASED | yes | `oneOf` has more subschemas
COMBINED_TYPE_ONE_OF_SIZE_DECREASED | no | `oneOf` has fewer subschemas
COMBINED_TYPE_SUBSCHEMA_NOT_COMPATIBLE | no | not every subschema has a compatible partner
STRING_TYPE_MIN_LENGTH_ADDED | no | the lower bound of the length is new
STRING_TYPE_MIN_LENGTH_REMOVED | yes | the lower bound of the length is gone
STRING_TYPE_MIN_LENGTH_INCREASED | no | the lower bound of the length is higher
STRING_TYPE_MIN_LENGTH_DECREASED | yes | the lower bound of the length is lower
STRING_TYPE_MAX_LENGTH_ADDED | no | the upper bound of the length is new
STRING_TYPE_MAX_LENGTH_REMOVED | yes | the upper bound of the length is gone
STRING_TYPE_MAX_LENGTH_INCREASED | yes | the upper bound of the length is higher
STRING_TYPE_MAX_LENGTH_DECREASED | no | the upper bound of the length is lower
STRING_TYPE_PATTERN_ADDED | no | the pattern is new
STRING_TYPE_PATTERN_REMOVED | yes | the pattern is gone
STRING_TYPE_PATTERN_CHANGED | no | the pattern is another one
STRING_TYPE_FORMAT_ADDED | no | the format is new
STRING_TYPE_FORMAT_REMOVED | yes | the format is gone
STRING_TYPE_FORMAT_CHANGED | no | the format is another one
STRING_TYPE_CONTENT_ENCODING_ADDED | no | the content encoding is new
STRING_TYPE_CONTENT_ENCODING_REMOVED | yes | the content encoding is gone
STRING_TYPE_CONTENT_ENCODING_CHANGED | no | the content encoding is another one
STRING_TYPE_CONTENT_MEDIA_TYPE_ADDED | no | the media type of the content is new
STRING_TYPE_CONTENT_MEDIA_TYPE_REMOVED | yes | the media type of the content is gone
STRING_TYPE_CONTENT_MEDIA_TYPE_CHANGED | no | the media type of the content is another one
NUMBER_TYPE_MINIMUM_ADDED | no | the minimum is new
NUMBER_TYPE_MINIMUM_REMOVED | yes | the minimum is gone
NUMBER_TYPE_MINIMUM_INCREASED | no | the minimum is higher
NUMBER_TYPE_MINIMUM_DECREASED | yes | the minimum is lower
NUMBER_TYPE_MAXIMUM_ADDED | no | the maximum is new
NUMBER_TYPE_MAXIMUM_REMOVED | yes | the maximum is gone
NUMBER_TYPE_MAXIMUM_INCREASED | yes | the maximum is higher
NUMBER_TYPE_MAXIMUM_DECREASED | no | the maximum is lower
NUMBER_TYPE_EXCLUSIVE_MINIMUM_ADDED | no | the exclusive minimum is new
NUMBER_TYPE_EXCLUSIVE_MINIMUM_REMOVED | yes | the exclusive minimum is gone
NUMBER_TYPE_EXCLUSIVE_MINIMUM_INCREASED | no | the exclusive minimum is higher
NUMBER_TYPE_EXCLUSIVE_MINIMUM_DECREASED | yes | the exclusive minimum is lower
NUMBER_TYPE_EXCLUSIVE_MAXIMUM_ADDED | no | the exclusive maximum is new
NUMBER_TYPE_EXCLUSIVE_MAXIMUM_REMOVED | yes | the exclusive maximum is gone
NUMBER_TYPE_EXCLUSIVE_MAXIMUM_INCREASED | yes | the exclusive maximum is higher
NUMBER_TYPE_EXCLUSIVE_MAXIMUM_DECREASED | no | the exclusive maximum is lower
NUMBER_TYPE_IS_MINIMUM_EXCLUSIVE_FALSE_TO_TRUE | no | the flag that excludes the minimum itself is now set
NUMBER_TYPE_IS_MINIMUM_EXCLUSIVE_TRUE_TO_FALSE | yes | the flag that excludes the minimum itself is no longer set
NUMBER_TYPE_IS_MAXIMUM_EXCLUSIVE_FALSE_TO_TRUE | no | the flag that excludes the maximum itself is now set
NUMBER_TYPE_IS_MAXIMUM_EXCLUSIVE_TRUE_TO_FALSE | yes | the flag that excludes the maximum itself is no longer set
NUMBER_TYPE_MULTIPLE_OF_ADDED | no | the divisor (`multipleOf`) is new
NUMBER_TYPE_MULTIPLE_OF_REMOVED | yes | the divisor (`multipleOf`) is gone
NUMBER_TYPE_MULTIPLE_OF_UPDATED_IS_DIVISOR | yes | the divisor (`multipleOf`) became a divisor of the old one
NUMBER_TYPE_MULTIPLE_OF_UPDATED_IS_NOT_DIVISOR | no | the divisor (`multipleOf`) does not divide the old one
NUMBER_TYPE_INTEGER_REQUIRED_FALSE_TO_TRUE | no | a number must now be an integer
NUMBER_TYPE_INTEGER_REQUIRED_TRUE_TO_FALSE | yes | an integer may now be any number
CONST_TYPE_VALUE_CHANGED | no | the constant is another one
ENUM_TYPE_VALUES_MEMBER_ADDED | yes | an enumerated value is new
ENUM_TYPE_VALUES_MEMBER_REMOVED | no | an enumerated value is gone
NOT_TYPE_SCHEMA_COMPATIBLE_BOTH | yes | the schema under `not` changed and accepts the same
NOT_TYPE_SCHEMA_COMPATIBLE_BACKWARD_NOT_FORWARD | no | the schema under `not` accepts more
NOT_TYPE_SCHEMA_COMPATIBLE_FORWARD_NOT_BACKWARD | yes | the schema under `not` accepts less
NOT_TYPE_SCHEMA_COMPATIBLE_NONE | no | the schema under `not` accepts other values
CONDITIONAL_TYPE_IF_SCHEMA_ADDED | no | the condition (`if`) is new
CONDITIONAL_TYPE_IF_SCHEMA_REMOVED | yes | the condition (`if`) is gone
CONDITIONAL_TYPE_IF_SCHEMA_COMPATIBLE_BOTH | yes | the condition (`if`) changed and accepts the same
CONDITIONAL_TYPE_IF_SCHEMA_COMPATIBLE_BACKWARD_NOT_FORWARD | no | the condition (`if`) accepts more
CONDITIONAL_TYPE_IF_SCHEMA_COMPATIBLE_FORWARD_NOT_BACKWARD | no | the condition (`if`) accepts less
CONDITIONAL_TYPE_IF_SCHEMA_COMPATIBLE_NONE | no | the condition (`if`) accepts other values
CONDITIONAL_TYPE_THEN_SCHEMA_ADDED | no | `then` is new
CONDITIONAL_TYPE_THEN_SCHEMA_REMOVED | yes | `then` is gone
CONDITIONAL_TYPE_THEN_SCHEMA_COMPATIBLE_BOTH | yes | the schema under `then` changed and accepts the same
CONDITIONAL_TYPE_THEN_SCHEMA_COMPATIBLE_BACKWARD_NOT_FORWARD | yes | the schema under `then` accepts more
CONDITIONAL_TYPE_THEN_SCHEMA_COMPATIBLE_FORWARD_NOT_BACKWARD | no | the schema under `then` accepts less
CONDITIONAL_TYPE_THEN_SCHEMA_COMPATIBLE_NONE | no | the schema under `then` accepts other values
CONDITIONAL_TYPE_ELSE_SCHEMA_ADDED | no | `else` is new
CONDITIONAL_TYPE_ELSE_SCHEMA_REMOVED | yes | `else` is gone
CONDITIONAL_TYPE_ELSE_SCHEMA_COMPATIBLE_BOTH | yes | the schema under `else` changed and accepts the same
CONDITIONAL_TYPE_ELSE_SCHEMA_COMPATIBLE_BACKWARD_NOT_FORWARD | yes | the schema under `else` accepts more
CONDITIONAL_TYPE_ELSE_SCHEMA_COMPATIBLE_FORWARD_NOT_BACKWARD | no | the schema under `else` accepts less
CONDITIONAL_TYPE_ELSE_SCHEMA_COMPATIBLE_NONE | no | the schema under `else` accepts other values
OBJECT_TYPE_REQUIRED_PROPERTIES_MEMBER_ADDED | no | a name is new in the list of required properties
OBJECT_TYPE_REQUIRED_PROPERTIES_MEMBER_REMOVED | yes | a name is gone from the list of required properties
OBJECT_TYPE_PROPERTY_SCHEMAS_EXTENDED | yes | a property came or went, and the other side's rest fits it
OBJECT_TYPE_PROPERTY_SCHEMAS_NARROWED | no | a property came or went, and the other side's rest does not fit it
OBJECT_TYPE_MIN_PROPERTIES_ADDED | no | the lower bound of the number of properties is new
OBJECT_TYPE_MIN_PROPERTIES_REMOVED | yes | the lower bound of the number of properties is gone
OBJECT_TYPE_MIN_PROPERTIES_INCREASED | no | the lower bound of the number of properties is higher
OBJECT_TYPE_MIN_PROPERTIES_DECREASED | yes | the lower bound of the number of properties is lower
OBJECT_TYPE_MAX_PROPERTIES_ADDED | no | the upper bound of the number of properties is new
OBJECT_TYPE_MAX_PROPERTIES_REMOVED | yes | the upper bound of the number of properties is gone
OBJECT_TYPE_MAX_PROPERTIES_INCREASED | yes | the upper bound of the number of properties is higher
OBJECT_TYPE_MAX_PROPERTIES_DECREASED | no | the upper bound of the number of properties is lower
OBJECT_TYPE_ADDITIONAL_PROPERTIES_FALSE_TO_TRUE | yes | any additional property is now allowed
OBJECT_TYPE_ADDITIONAL_PROPERTIES_TRUE_TO_FALSE | no | no additional property is allowed any more
OBJECT_TYPE_ADDITIONAL_PROPERTIES_EXTENDED | yes | more is allowed for additional properties
OBJECT_TYPE_ADDITIONAL_PROPERTIES_NARROWED | no | less is allowed for additional properties
OBJECT_TYPE_PATTERN_PROPERTY_KEYS_MEMBER_ADDED | no | a pattern of property names is new
OBJECT_TYPE_PATTERN_PROPERTY_KEYS_EXTENDED | yes | a pattern of property names is new and takes all that was allowed
OBJECT_TYPE_PATTERN_PROPERTY_KEYS_MEMBER_REMOVED | yes | a pattern of property names is gone
OBJECT_TYPE_PATTERN_PROPERTY_KEYS_NARROWED | no | a pattern of property names is gone, and the rest is not allowed to be what it was
OBJECT_TYPE_PROPERTY_NAMES_SCHEMA_ADDED | no | the schema of property names is new
OBJECT_TYPE_PROPERTY_NAMES_SCHEMA_REMOVED | yes | the schema of property names is gone
OBJECT_TYPE_PROPERTY_DEPENDENCIES_KEYS_MEMBER_ADDED | no | a list of names that depend on a property is new
OBJECT_TYPE_PROPERTY_DEPENDENCIES_KEYS_MEMBER_REMOVED | yes | a list of names that depend on a property is gone
OBJECT_TYPE_PROPERTY_DEPENDENCIES_VALUE_MEMBER_ADDED | no | more names depend on a property
OBJECT_TYPE_PROPERTY_DEPENDENCIES_VALUE_MEMBER_REMOVED | yes | fewer names depend on a property
OBJECT_TYPE_SCHEMA_DEPENDENCIES_ADDED | no | a schema that depends on a property is new
OBJECT_TYPE_SCHEMA_DEPENDENCIES_REMOVED | yes | a schema that depends on a property is gone
ARRAY_TYPE_MIN_ITEMS_ADDED | no | the lower bound of the number of items is new
ARRAY_TYPE_MIN_ITEMS_REMOVED | yes | the lower bound of the number of items is gone
ARRAY_TYPE_MIN_ITEMS_INCREASED | no | the lower bound of the number of items is higher
ARRAY_TYPE_MIN_ITEMS_DECREASED | yes | the lower bound of the number of items is lower
ARRAY_TYPE_MAX_ITEMS_ADDED | no | the upper bound of the number of items is new
ARRAY_TYPE_MAX_ITEMS_REMOVED | yes | the upper bound of the number of items is gone
ARRAY_TYPE_MAX_ITEMS_INCREASED | yes | the upper bound of the number of items is higher
ARRAY_TYPE_MAX_ITEMS_DECREASED | no | the upper bound of the number of items is lower
ARRAY_TYPE_UNIQUE_ITEMS_FALSE_TO_TRUE | no | the demand for unique items is now set
ARRAY_TYPE_UNIQUE_ITEMS_TRUE_TO_FALSE | yes | the demand for unique items is no longer set
ARRAY_TYPE_CONTAINED_ITEM_SCHEMA_ADDED | no | the schema of a contained item is new
ARRAY_TYPE_CONTAINED_ITEM_SCHEMA_REMOVED | yes | the schema of a contained item is gone
ARRAY_TYPE_MIN_CONTAINS_INCREASED | no | the lower bound of contained items is higher
ARRAY_TYPE_MIN_CONTAINS_DECREASED | yes | the lower bound of contained items is lower
ARRAY_TYPE_MAX_CONTAINS_ADDED | no | the upper bound of contained items is new
ARRAY_TYPE_MAX_CONTAINS_REMOVED | yes | the upper bound of contained items is gone
ARRAY_TYPE_MAX_CONTAINS_INCREASED | yes | the upper bound of contained items is higher
ARRAY_TYPE_MAX_CONTAINS_DECREASED | no | the upper bound of contained items is lower
ARRAY_TYPE_ALL_ITEM_SCHEMA_FALSE_TO_TRUE | yes | any item is now allowed
ARRAY_TYPE_ALL_ITEM_SCHEMA_TRUE_TO_FALSE | no | no item is allowed any more
ARRAY_TYPE_ALL_ITEM_SCHEMA_EXTENDED | yes | more is allowed for items
ARRAY_TYPE_ALL_ITEM_SCHEMA_NARROWED | no | less is allowed for items
ARRAY_TYPE_ADDITIONAL_ITEMS_FALSE_TO_TRUE | yes | any additional item is now allowed
ARRAY_TYPE_ADDITIONAL_ITEMS_TRUE_TO_FALSE | no | no additional item is allowed any more
ARRAY_TYPE_ADDITIONAL_ITEMS_EXTENDED | yes | more is allowed for additional items
ARRAY_TYPE_ADDITIONAL_ITEMS_NARROWED | no | less is allowed for additional items
ARRAY_TYPE_ITEM_SCHEMAS_EXTENDED | yes | a position came or went, and the other side's rest fits it
ARRAY_TYPE_ITEM_SCHEMAS_NARROWED | no | a position came or went, and the other side's rest does not fit it
""")
